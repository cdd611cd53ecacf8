/** The door of the desk. */

import { el } from "../shared/dom.js";
import { pieces, say } from "../shared/words.js";

/** What an editor sees instead of cases; `signOut()` ends the session. */
export function editorPage(agent, signOut) {
  return el("main", { class: "door" }, el("section", { class: "sign-in", data: { testid: "editor" } },
    el("img", { src: "/desk/mark.svg", alt: "", width: 44, height: 44 }),
    el("h1", {}, say("shell.hello", { name: agent.name })),
    el("p", {}, pieces("shell.editor_role", { role: el("code", {}, "editor"), folder: el("code", {}, "data/"), command: el("code", {}, "make train") })),
    el("p", { class: "muted" }, say("shell.editor_no_cases")),
    signOutButton(signOut)));
}

/** Signs out from wherever it stands. */
export function signOutButton(signOut) {
  return el("button", { type: "button", class: "button", data: { testid: "sign-out" }, onclick: signOut }, say("shell.sign_out"));
}

/** The sign-in page; `signIn(email, password)` resolves when the agent is in. */
export function signInPage(signIn, notice = "") {
  const problem = el("p", { class: "alert", role: "alert", hidden: notice === "", data: { testid: "sign-in-problem" } }, notice);
  const email = el("input", { type: "email", id: "email", autocomplete: "username", required: true, data: { testid: "sign-in-email" } });
  const password = el("input", { type: "password", id: "password", autocomplete: "current-password", required: true,
    data: { testid: "sign-in-password" } });
  const button = el("button", { type: "submit", class: "button primary", data: { testid: "sign-in" } }, say("shell.sign_in"));
  const form = el("form", { class: "sign-in" },
    el("img", { src: "/desk/mark.svg", alt: "", width: 44, height: 44 }),
    el("h1", {}, say("shell.title")), el("p", { class: "muted" }, say("shell.sign_in_text")),
    el("div", { class: "field" }, el("label", { for: "email" }, say("shell.email")), email),
    el("div", { class: "field" }, el("label", { for: "password" }, say("shell.password")), password),
    problem, button, el("p", { class: "muted" }, say("shell.help_in")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
    try {
      await signIn(email.value.trim(), password.value);
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
      password.select();
    } finally {
      button.disabled = false;
    }
  });
  return el("main", { class: "door" }, form);
}
