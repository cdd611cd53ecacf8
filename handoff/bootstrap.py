"""Wires the service together: the one place where clock, chance, identifiers and connections are made."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from handoff.delivery.dispatcher import Dispatcher
from handoff.delivery.links import ConversationLinks
from handoff.delivery.mail import Mailer
from handoff.delivery.mails import Mails
from handoff.delivery.rasa import Bot, RasaBot
from handoff.delivery.replay_worker import replay_in_worker
from handoff.delivery.sender import OutboxSender, Send
from handoff.delivery.shop import HttpShop
from handoff.delivery.survey_links import SurveyLinks
from handoff.delivery.webhooks import WebhookClient, send_to_webhook
from handoff.demo import load_demo_people
from handoff.domain.outbox import Channel
from handoff.http import (
    admin,
    agent,
    agent_auth,
    agent_work,
    attachments,
    authority,
    board,
    canned,
    customer,
    demo_shop,
    follow_ups,
    health,
    incidents,
    integration,
    internal,
    kept_responses,
    knowing,
    milestones,
    notifications,
    openapi,
    outside,
    pages,
    preferences,
    proposals,
    replays,
    review,
    saved_views,
    search,
    survey,
)
from handoff.http import kpis as kpi_routes
from handoff.http import links as mail_links
from handoff.http.callers import Callers, SignInLimits
from handoff.http.contact import routes as contact_routes
from handoff.http.errors import error_middleware
from handoff.http.guards import BODY_BYTES, Origins, RateLimit
from handoff.http.parts import PARTS, Parts
from handoff.http.tokens import CustomerTokens, SiteIdentities
from handoff.metrics import Metrics
from handoff.realtime.agent_stream import agent_stream
from handoff.realtime.customer_stream import customer_stream
from handoff.realtime.hub import Hub
from handoff.realtime.keeper import Keeper
from handoff.services.attachments import SWEEP_SECONDS, sweep
from handoff.services.audit import note_policy
from handoff.services.context import Context, unguessable_id
from handoff.services.deadlines import DeadlineWatcher
from handoff.services.follow_ups import LOOK_EVERY_SECONDS, tell_due
from handoff.services.incident_watch import IncidentWatch
from handoff.services.kpi_rollup import KpiRollups
from handoff.services.meaning import Meaning
from handoff.services.replays import Replays
from handoff.services.rounds import Rounds
from handoff.store.database import Database
from handoff.wording import load_wording
from warmline.policy import LivePolicy
from warmline.settings import Settings

MESSAGE_SECONDS = 10.0
BEGIN_SECONDS = 60.0
KEYS_SECONDS = 60.0


def utc_now() -> datetime:
    """The clock of production."""
    return datetime.now(UTC)


def build_context(settings: Settings, db: Database, hub: Hub) -> Context:
    """The dependencies of the use cases. Raises ``PolicyError`` or ``WordingError`` when ``data/`` cannot be used."""
    live = LivePolicy(settings.policy_file, clock=utc_now, copy=settings.last_good_policy)
    return Context(
        db=db,
        policy=live.policy,
        live=live,
        wording=load_wording(settings.data_dir / "wording"),
        publish=hub.publish,
        clock=utc_now,
        new_id=unguessable_id,
        random=random.Random(),
        mails=settings.smtp_host is not None,
        meaning=Meaning.of_files(settings.encoder_dir),
    )


def channels(context: Context, hub: Hub, settings: Settings, client: WebhookClient) -> dict[Channel, Send]:
    """By which ways the outbox goes out: webhooks always, mails where a mail server is set."""
    found: dict[Channel, Send] = {Channel.WEBHOOK: partial(send_to_webhook, context, client)}
    mailer = Mailer.of(settings)
    if mailer is not None:
        mails = Mails(context, mailer, links(settings), survey_links(settings), hub.last_seen)
        found |= {Channel.STAFF_MAIL: mails.send_to_staff, Channel.ANSWER_MAIL: mails.send_answer}
    return found


def links(settings: Settings) -> ConversationLinks:
    """The links in mails, under the key of the customers' tokens."""
    return ConversationLinks(settings.secrets.customer_token, settings.public_url, utc_now, settings.mail_link_days)


def survey_links(settings: Settings) -> SurveyLinks:
    """The links of surveys in mails, under the same key."""
    return SurveyLinks(settings.secrets.customer_token, settings.public_url, utc_now)


def build_app(settings: Settings, *, bot: Bot | None = None) -> web.Application:
    """The web application. ``bot`` stands in for Rasa in tests; without it, Rasa is reached as the settings say."""
    hub = Hub(utc_now)
    db = Database.connect(settings.database_url)
    metrics = Metrics()
    metrics.time_statements(db)
    context = replace(build_context(settings, db, hub), publish=metrics.counting(hub.publish))
    app = web.Application(
        client_max_size=BODY_BYTES,
        middlewares=[
            pages.security_headers_middleware,
            error_middleware,
            customer.cors_middleware,
            # Again, inside: a page of an allowed origin may read an error only if it carries the CORS headers too.
            error_middleware,
        ],
    )
    app[health.METRICS] = metrics
    app[PARTS] = Parts(
        wired=context,
        hub=hub,
        tokens=CustomerTokens(settings.secrets.customer_token, context.clock),
        identities=SiteIdentities(settings.secrets.site_identity, context.clock),
        origins=Origins(settings.public_url, settings.allowed_origins),
        callers=Callers(settings.trusted_proxies),
        messages_limit=RateLimit(settings.messages_per_10_seconds, MESSAGE_SECONDS, time.monotonic),
        begin_limit=RateLimit(settings.new_conversations_per_minute, BEGIN_SECONDS, time.monotonic),
        sign_in_limits=SignInLimits.counted_by(time.monotonic),
        keys_limit=RateLimit(settings.api_calls_per_minute, KEYS_SECONDS, time.monotonic),
        internal_secret=settings.secrets.internal,
        metrics_secret=settings.secrets.metrics,
        secure_cookies=urlsplit(settings.public_url).scheme == "https",
    )
    app.add_routes(
        [
            *customer.routes(),
            *contact_routes(),
            *attachments.routes(),
            web.get(f"{customer.BASE}/stream", _customer_stream),
            *agent_auth.routes(),
            *agent.routes(),
            *agent_work.routes(),
            *admin.routes(),
            *milestones.routes(),
            *follow_ups.routes(),
            *proposals.routes(),
            *review.routes(),
            *search.routes(),
            *canned.routes(),
            *preferences.routes(),
            *saved_views.routes(),
            *kept_responses.routes(),
            *knowing.routes(),
            *authority.routes(),
            *incidents.routes(),
            *board.routes(),
            *kpi_routes.routes(),
            *replays.routes(),
            web.get(f"{agent_auth.BASE}/stream", agent_stream),
            *outside.routes(),
            *mail_links.routes(),
            *notifications.routes(),
            *internal.routes(),
            *integration.routes(),
            *openapi.routes(),
            *health.routes(),
            *pages.routes(demo=settings.demo, as_written=settings.files_as_written),
        ]
    )
    canned.add_desk_content(app, settings, context.policy)
    survey.add_survey(app, settings, survey_links(settings))
    app[replays.REPLAYS] = Replays(context.current, replay_in_worker)
    app[knowing.KNOWLEDGE] = knowing.Knowledge.of(settings)
    app[mail_links.LINKS] = links(settings)
    app[attachments.FILES] = attachments.Files.of(settings)
    if settings.demo:
        app[demo_shop.DEMO_PEOPLE] = load_demo_people(settings.data_dir)
        app[demo_shop.SHOP_URL] = settings.actions_url
        app.add_routes(demo_shop.routes())

    async def running(app: web.Application) -> AsyncIterator[None]:
        # Neither Rasa nor the shop sets cookies, and looking for some costs time at each call.
        connector, no_cookies = aiohttp.TCPConnector(limit=256), aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(connector=connector, cookie_jar=no_cookies) as session:
            if settings.demo:
                app[demo_shop.SHOP_SESSION] = session
            app[authority.SHOP] = HttpShop(session, actions_url=settings.actions_url, secret=settings.secrets.internal)
            rasa = RasaBot(
                session,
                rasa_url=settings.rasa_url,
                actions_url=settings.actions_url,
                token=settings.secrets.rasa,
                secret=settings.secrets.internal,
            )
            dispatcher = Dispatcher(context, bot or rasa)
            hub.connect_delivery(dispatcher)
            deadlines = DeadlineWatcher(context)
            webhooks = WebhookClient.open(
                context.clock, context.wording, allow_private=settings.webhooks_to_private_networks
            )
            app[outside.WEBHOOK_CLIENT] = webhooks
            sender = OutboxSender(context, channels(context, hub, settings, webhooks))
            tasks = [
                asyncio.create_task(hub.keep_telling(context), name="telling"),
                asyncio.create_task(dispatcher.keep_recovering(), name="recovering"),
                asyncio.create_task(sender.keep_sending(), name="sending"),
                asyncio.create_task(deadlines.keep_watching(), name="deadlines"),
            ]
            keeper = Keeper(context, hub)
            hub.connect_offering(keeper)
            tasks.append(asyncio.create_task(keeper.keep(), name="offering"))
            incident_watch = IncidentWatch(context)
            tasks.append(asyncio.create_task(incident_watch.keep_looking(), name="incidents"))
            watching = None
            if context.live is not None:
                await note_policy(context)
                keep_watching = context.live.keep_watching(replaced=partial(note_policy, context))
                watching = asyncio.create_task(keep_watching, name="policy")
            rollups = KpiRollups(context)
            tasks.append(asyncio.create_task(rollups.keep_up(), name="kpis"))
            following_up = asyncio.create_task(
                Rounds("follow_ups_not_told", every=LOOK_EVERY_SECONDS).keep(lambda: tell_due(context.current())),
                name="follow_ups",
            )
            sweeping = asyncio.create_task(
                Rounds("sweeping_failed", every=SWEEP_SECONDS).keep(
                    lambda: sweep(context.current(), app[attachments.FILES].keeping)
                ),
                name="sweeping",
            )
            yield
            await app[replays.REPLAYS].close()
            following_up.cancel()
            sweeping.cancel()
            await asyncio.gather(following_up, sweeping, return_exceptions=True)
            if watching is not None:
                watching.cancel()
            keeper.close()
            deadlines.close()
            await sender.close()
            await webhooks.close()
            await dispatcher.close()
            await rasa.close()
            incident_watch.close()
            rollups.close()
            hub.stop_telling()
            await asyncio.gather(*tasks)
        await app[knowing.KNOWLEDGE].close()
        context.meaning.close()
        await db.close()

    app.cleanup_ctx.append(running)
    app.on_shutdown.append(hub.close_all)
    return app


async def _customer_stream(request: web.Request) -> web.StreamResponse:
    request.app[PARTS].origins.check_customer(request)
    return await customer_stream(request)
