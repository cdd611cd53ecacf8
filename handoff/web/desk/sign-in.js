/** The door of the desk. */

import { el } from "../shared/dom.js";

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
