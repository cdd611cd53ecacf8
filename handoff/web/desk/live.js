/** The desk's stream: snapshot, changes, and the messages of the case that is being read. */

import { Connection } from "../shared/connection.js";

// Several changes in a row ask for the order once.
const ORDER_AFTER_MS = 150;

export class Live extends EventTarget {
  #connection;
  #store;
  #api;
  #watched = null;
  #viewed = null;
  #orderTimer = 0;

  constructor(store, api) {
    super();
    this.#store = store;
    this.#api = api;
    this.#connection = new Connection({
      url: () => new URL("/api/agent/v1/stream", location.href).href.replace(/^http/, "ws"),
      onFrame: (frame) => this.#receive(frame),
      onStatus: (status) => this.#tell("status", status),
      onClose: (code) => {
        if (code === 4401) this.#tell("signed-out");
        return code !== 4401;
      },
    });
    store.addEventListener("order", () => this.#askOrder());
    // Whoever looks at another window does not look at the case.
    this.turned = () => this.#sendViewed();
  }

  start() {
    this.#connection.start();
    document.addEventListener("visibilitychange", this.turned);
  }

  stop() {
    document.removeEventListener("visibilitychange", this.turned);
    this.#connection.stop();
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** Messages of `id` after `lastSeq()`, now and after every reconnection; null watches none. */
  watch(id, lastSeq) {
    if (this.#watched && this.#watched.id !== id) this.#connection.send({ type: "unwatch", case_id: this.#watched.id });
    this.#watched = id ? { id, lastSeq } : null;
    this.#sendWatch();
  }

  #sendWatch() {
    if (!this.#watched) return;
    this.#connection.send({ type: "watch", case_id: this.#watched.id, after_seq: this.#watched.lastSeq() });
  }

  typing(id, what) {
    this.#connection.send({ type: "typing", case_id: id, what });
  }

  /** The case that is on the screen, for colleagues to know of; null for none. `quietly` is a lead's reading along. */
  view(id, quietly = false) {
    this.#viewed = id && { case_id: id, quietly };
    this.#sendViewed();
  }

  #sendViewed() {
    const shown = document.visibilityState === "visible" && this.#viewed;
    this.#connection.send({ type: "viewing", ...(shown || { case_id: null }) });
  }

  choosePresence(state) {
    this.#connection.send({ type: "presence", state });
  }

  #receive(frame) {
    const store = this.#store;
    if (frame.type === "snapshot") {
      store.setQueues(frame.queues);
      store.setCases(frame.cases);
      this.#tell("offers", frame.offers ?? []);
      if (frame.presence) this.#tell("presence", frame.presence);
      this.#tell("unread", frame.unread_notifications);
      this.#askOrder();
      this.#sendWatch();
      if (this.#viewed) this.#sendViewed();
    } else if (frame.type === "case") store.setCase(frame.case);
    else if (frame.type === "case_gone") store.removeCase(frame.case_id);
    else if (frame.type === "queues") store.setQueues(frame.queues);
    else if (frame.type === "watched") this.#messages(frame.case_id, frame.messages);
    else if (frame.type === "message") this.#messages(frame.case_id, [frame.message]);
    else if (frame.type === "notification") this.#tell("notification", frame);
    else if (frame.type === "incident") this.#tell("incident", frame.incident);
    else if (["typing", "viewers", "receipts", "file"].includes(frame.type)) this.#tell(frame.type, frame);
    else if (frame.type === "offer") this.#tell("offer", frame.offer);
    else if (frame.type === "offer_gone") this.#tell("offer-gone", frame);
    else if (frame.type === "presence") this.#tell("presence", frame);
    else if (frame.type === "error") this.#tell("problem", frame.error);
  }

  #messages(id, messages) {
    if (id !== this.#watched?.id) return;
    const last = this.#watched.lastSeq();
    // A hole between what is shown and what came: ask again from the last one shown.
    if (messages.length > 0 && messages[0].seq > last + 1) this.#sendWatch();
    else this.#tell("messages", { id, messages });
  }

  // The stream tells what changed, the list call in which order to take it: the ranking stays the server's alone.
  #askOrder() {
    clearTimeout(this.#orderTimer);
    this.#orderTimer = setTimeout(async () => {
      try {
        this.#store.setWaitingOrder((await this.#api.waiting()).map((record) => record.id));
      } catch {
        // The stream reconnects and asks again.
      }
    }, ORDER_AFTER_MS);
  }
}
