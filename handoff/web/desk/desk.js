/** The desk: signed in or not, then three columns that the stream keeps up to date. */

import { el, fill } from "../shared/dom.js";
import { Api } from "./api.js";
import { CaseView } from "./case-view.js";
import { Lists } from "./lists.js";
import { Live } from "./live.js";
import { Bell } from "./notifications.js";
import { editorPage, signInPage, signOutButton } from "./sign-in.js";
import { Store } from "./store.js";
import { Work } from "./work.js";

const LINE = {
  connecting: "Connecting …",
  reconnecting: "Connection lost. Reconnecting … What you see may be out of date.",
  offline: "You are offline. What you see may be out of date.",
};

const api = new Api();

function showSignIn(notice) {
  document.title = "Sign in: Warmline desk";
  fill(document.body, signInPage(async (email, password) => open(await api.signIn(email, password)), notice));
  document.querySelector("#email").focus();
}

// Without an answer too: whoever signs out must not stay on the screen.
async function signOut(then) {
  await api.signOut().catch(() => {});
  then();
}

async function open(agent) {
  document.title = "Warmline desk";
  if (agent.role === "editor") {
    fill(document.body, editorPage(agent, () => signOut(() => showSignIn(""))));
    return;
  }
  const store = new Store();
  store.agent = agent;
  store.options = await api.options();
  const live = new Live(store, api);
  const lists = new Lists(store);
  const view = new CaseView(store, api, live);
  const work = new Work(store, api, live);
  const line = el("p", { class: "line", role: "status", hidden: true, data: { testid: "desk-line" } });
  live.addEventListener("status", ({ detail }) => {
    line.hidden = detail === "live";
    line.textContent = LINE[detail] ?? "";
  });
  live.addEventListener("signed-out", () => leave("Your session has ended. Please sign in again."));

  function leave(notice) {
    live.stop();
    showSignIn(notice);
  }

  fill(document.body,
    el("header", { class: "bar" },
      el("img", { src: "/desk/mark.svg", alt: "", width: 28, height: 28 }), el("strong", {}, "Warmline desk"),
      line, new Bell(store, api, live).element, el("span", { class: "me" }, el("b", {}, agent.name), el("span", { class: "muted" }, agent.role)),
      work.presence,
      signOutButton(() => signOut(() => leave("")))),
    work.element,
    el("div", { class: "columns" }, lists.element, view.middle, view.context));
  live.start();
}

async function start() {
  try {
    const agent = await api.session();
    if (agent) await open(agent);
    else showSignIn("");
  } catch (error) {
    showSignIn(error.message);
  }
}

start();
