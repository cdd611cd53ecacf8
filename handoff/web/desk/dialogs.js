/** Forms in a native dialog: what is missing is said at the field, what the server refuses above the buttons. */

import { el } from "../shared/dom.js";

function control(field, testid) {
  const common = { name: field.name, id: `${testid}-${field.name}`, data: { testid: `${testid}-${field.name}` } };
  if (field.options) {
    const select = el("select", common, el("option", { value: "" }, "Choose …"),
      field.options.map(([value, label]) => el("option", { value }, label)));
    select.value = field.value ?? "";
    return select;
  }
  return el("textarea", { ...common, rows: "3", maxlength: field.limit ?? 2000 });
}

/**
 * Opens a form and closes it once `submit(values)` has succeeded.
 *
 * Each field is `{name, label, hint, options, value, limit}` and required; values are trimmed. `before` and `extra` are
 * elements of the caller's own, above and below the fields. An error that `submit` throws is shown in the dialog, with
 * everything that was written kept.
 */
export function openForm({ title, text, testid, fields, action, submit, before = null, extra = null }) {
  const opener = document.activeElement;
  const problem = el("p", { class: "alert", role: "alert", hidden: true });
  const controls = fields.map((field) => control(field, testid));
  const errors = fields.map((field) => el("p", { class: "field-error", id: `${testid}-${field.name}-error` }));
  const button = el("button", { type: "submit", class: "button primary", data: { testid: `${testid}-submit` } }, action);
  const dialog = el("dialog", { class: "dialog", "aria-labelledby": `${testid}-title`, data: { testid: `${testid}-dialog` } });
  const form = el("form", { method: "dialog", novalidate: true },
    el("h2", { id: `${testid}-title` }, title), text && el("p", { class: "muted" }, text), before,
    fields.map((field, index) => el("div", { class: "field" },
      el("label", { for: controls[index].id }, field.label), field.hint && el("small", {}, field.hint),
      controls[index], errors[index])),
    extra, problem,
    el("div", { class: "dialog-actions" },
      el("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel"), button));

  function check() {
    let first = null;
    fields.forEach((field, index) => {
      const missing = controls[index].value.trim() === "";
      controls[index].setAttribute("aria-invalid", String(missing));
      controls[index].setAttribute("aria-describedby", missing ? errors[index].id : "");
      errors[index].textContent = missing ? `${field.label}: please fill this in.` : "";
      if (missing) first ??= controls[index];
    });
    first?.focus();
    return first === null;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    if (!check()) return;
    button.disabled = true;
    try {
      await submit(Object.fromEntries(fields.map((field, index) => [field.name, controls[index].value.trim()])));
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    // The button is drawn anew with the case: the focus goes to the one that stands in its place.
    const again = opener?.isConnected ? opener : document.querySelector(`[data-testid="${CSS.escape(testid)}"]`);
    again?.focus?.();
  });
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
}
