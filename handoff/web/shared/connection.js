/** A WebSocket that comes back: heartbeat, back-off with jitter, at once when the network returns. */

const FIRST_DELAY_MS = 400;
const LONGEST_DELAY_MS = 15_000;
const PING_EVERY_MS = 20_000;
const SILENCE_MS = 8_000;

export class Connection {
  #options;
  #socket = null;
  #retry = 0;
  #retryTimer = 0;
  #pingTimer = 0;
  #silenceTimer = 0;
  #running = false;
  #status = "";

  /** `url()`, `hello()` the first frame, if any, `onFrame`, `onStatus` (connecting, live, reconnecting, offline), `onClose(code)`: false stays closed. */
  constructor(options) {
    this.#options = options;
    this.online = () => this.restart();
    this.offline = () => this.#drop("offline");
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    addEventListener("online", this.online);
    addEventListener("offline", this.offline);
    this.#set("connecting");
    this.#open();
  }

  stop() {
    this.#running = false;
    removeEventListener("online", this.online);
    removeEventListener("offline", this.offline);
    this.#forget();
    this.#status = "";
  }

  restart() {
    if (!this.#running) return;
    this.#forget();
    this.#retry = 0;
    this.#set("reconnecting");
    this.#open();
  }

  /** Sends now or not at all; what must not be lost its owner keeps. */
  send(frame) {
    if (this.#status !== "live" || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #open() {
    const socket = new WebSocket(this.#options.url());
    this.#socket = socket;
    this.#silenceTimer = setTimeout(() => this.#drop("reconnecting"), SILENCE_MS);
    socket.addEventListener("open", () => {
      const hello = this.#options.hello?.();
      if (hello) socket.send(JSON.stringify(hello));
    });
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket) this.#receive(event.data);
    });
    socket.addEventListener("close", (event) => {
      if (socket !== this.#socket) return;
      this.#forget();
      if (this.#options.onClose(event.code) === false) this.stop();
      else if (this.#running) this.#drop(navigator.onLine ? "reconnecting" : "offline");
    });
  }

  #receive(data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      this.#drop("reconnecting");
      return;
    }
    clearTimeout(this.#silenceTimer);
    // Only a server that speaks resets the back-off.
    if (this.#status !== "live" && frame.type !== "error") {
      this.#retry = 0;
      this.#set("live");
      clearInterval(this.#pingTimer);
      this.#pingTimer = setInterval(() => this.#ping(), PING_EVERY_MS);
    }
    if (frame.type !== "pong") this.#options.onFrame(frame);
  }

  #ping() {
    if (!this.send({ type: "ping" })) return;
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.#drop("reconnecting"), SILENCE_MS);
  }

  #drop(status) {
    this.#forget();
    if (!this.#running) return;
    this.#set(status);
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#retry);
    this.#retry += 1;
    // Spread, so that a thousand widgets do not return in one instant.
    this.#retryTimer = setTimeout(() => this.#open(), ceiling * (0.5 + Math.random() / 2));
  }

  #forget() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#silenceTimer);
    clearInterval(this.#pingTimer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #set(status) {
    if (status === this.#status) return;
    this.#status = status;
    this.#options.onStatus(status);
  }
}

/** An unguessable id; plain http pages have no `crypto.randomUUID`. */
export function newId() {
  return crypto.getRandomValues(new Uint8Array(16)).join("-");
}
