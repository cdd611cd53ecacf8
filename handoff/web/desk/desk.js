/** The desk: signed in or not, then the bar, the offers and the view that the address names. */

import { el, fill, icon } from "../shared/dom.js";
import { disclosure } from "../shared/disclosure.js";
import { applyKeptTheme, keptLanguage, lookControls } from "../shared/look.js";
import { hasWord, loadWords, say } from "../shared/words.js";
import { Api } from "./api.js";
import { Commands } from "./commands.js";
import { forgetDrafts } from "./drafts.js";
import { PALETTE, SHORTCUTS } from "./keys.js";
import { Live } from "./live.js";
import { Bell } from "./notifications.js";
import { openPalette } from "./palette.js";
import { editorPage, signInPage, signOutButton } from "./sign-in.js";
import { soundControl } from "./sound.js";
import { openShortcuts } from "./shortcuts.js";
import { Store } from "./store.js";
import { Views } from "./views.js";
import { roleWords } from "./words.js";
import { Work } from "./work.js";

const SECTIONS = ["shell", "desk", "codes", "conversation"];
const LINES = "M4 6h16M4 12h16M4 18h10";

const api = new Api();

function showSignIn(notice) {
  document.title = say("shell.title_sign_in");
  fill(document.body, signInPage(async (email, password) => open(await api.signIn(email, password)), notice));
  document.querySelector("#email").focus();
}

// Without an answer too: whoever signs out must not stay on the screen.
async function signOut(then) {
  await api.signOut().catch(() => {});
  forgetDrafts();
  then();
}

async function open(agent) {
  document.title = say("shell.title");
  if (agent.role === "editor") {
    fill(document.body, editorPage(agent, () => signOut(() => showSignIn(""))));
    return;
  }
  const store = new Store();
  store.agent = agent;
  store.options = await api.options();
  const live = new Live(store, api);
  const commands = new Commands();
  const desk = { agent, api, store, live, commands };
  const views = new Views(desk);
  desk.views = views;
  const work = new Work(store, api, live);
  const line = el("p", { class: "line", role: "status", hidden: true, data: { testid: "desk-line" } });
  live.addEventListener("status", ({ detail }) => {
    line.hidden = detail === "live";
    line.textContent = hasWord(`shell.line_${detail}`) ? say(`shell.line_${detail}`) : "";
  });
  live.addEventListener("signed-out", () => leave(say("shell.session_ended")));

  function leave(notice) {
    live.stop();
    views.close();
    commands.close();
    showSignIn(notice);
  }

  commands.provide("offers", () => work.commands());
  commands.provide("desk", () => [
    { id: "palette", label: say("shell.palette"), keys: PALETTE, run: () => openPalette(commands) },
    { id: "shortcuts", label: say("shell.shortcuts"), keys: SHORTCUTS, run: () => openShortcuts(desk) },
    { id: "sign-out", label: say("shell.sign_out"), run: () => signOut(() => leave("")) },
  ]);
  const me = disclosure({ label: say("shell.account", { name: agent.name }), face: agent.name, testid: "account",
    content: () => [el("p", { class: "muted" }, roleWords(agent.role)), lookControls(), soundControl(),
      el("a", { class: "button", href: "#/settings", data: { testid: "open-settings" }, onclick: () => me.close() }, say("shell.view_settings")),
      el("button", { type: "button", class: "button", data: { testid: "open-shortcuts" }, onclick: () => openShortcuts(desk) }, say("shell.shortcuts")),
      signOutButton(() => signOut(() => leave("")))] });
  const palette = el("button", { type: "button", class: "button", "aria-keyshortcuts": "Control+K", data: { testid: "open-palette" },
    onclick: () => openPalette(commands) }, icon(LINES), say("shell.commands"), el("kbd", { "aria-hidden": "true" }, "Ctrl K"));
  fill(document.body,
    el("header", { class: "bar" },
      el("img", { src: "/desk/mark.svg", alt: "", width: 28, height: 28 }), el("strong", {}, say("shell.title")),
      views.nav, line, palette, new Bell(api, live).element, work.presence, me.element),
    work.element,
    views.element);
  await views.start();
  live.start();
}

async function start() {
  applyKeptTheme();
  await loadWords(SECTIONS, keptLanguage());
  try {
    const agent = await api.session();
    if (agent) await open(agent);
    else showSignIn("");
  } catch (error) {
    showSignIn(error.message);
  }
}

start();
