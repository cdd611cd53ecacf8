/** The door of the desk. */

import { el } from "../shared/dom.js";

/** What an editor sees instead of cases; `signOut()` ends the session. */
export function editorPage(agent, signOut) {
  return el("main", { class: "door" }, el("section", { class: "sign-in", data: { testid: "editor" } },
    el("img", { src: "/desk/mark.svg", alt: "", width: 44, height: 44 }),
    el("h1", {}, `Hello ${agent.name}`),
    el("p", {}, "Your role is ", el("code", {}, "editor"), ": you look after what the assistant knows and says. That is in the files under ",
      el("code", {}, "data/"), "; after a change, ", el("code", {}, "make train"), " teaches it to the running assistant."),
    el("p", { class: "muted" }, "The desk has cases for agents, supervisors and admins. To work on cases, sign in with such a role."),
    signOutButton(signOut)));
}

/** Signs out from wherever it stands. */
export function signOutButton(signOut) {
  return el("button", { type: "button", class: "button", data: { testid: "sign-out" }, onclick: signOut }, "Sign out");
}

/** The sign-in page; `signIn(email, password)` resolves when the agent is in. */
export function signInPage(signIn, notice = "") {
  const problem = el("p", { class: "alert", role: "alert", hidden: notice === "", data: { testid: "sign-in-problem" } }, notice);
  const email = el("input", { type: "email", id: "email", autocomplete: "username", required: true, data: { testid: "sign-in-email" } });
  const password = el("input", { type: "password", id: "password", autocomplete: "current-password", required: true,
    data: { testid: "sign-in-password" } });
  const button = el("button", { type: "submit", class: "button primary", data: { testid: "sign-in" } }, "Sign in");
  const form = el("form", { class: "sign-in" },
    el("img", { src: "/desk/mark.svg", alt: "", width: 44, height: 44 }),
    el("h1", {}, "Warmline desk"), el("p", { class: "muted" }, "Sign in to see the cases of your queues."),
    el("div", { class: "field" }, el("label", { for: "email" }, "E-mail"), email),
    el("div", { class: "field" }, el("label", { for: "password" }, "Password"), password),
    problem, button);
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
