/** Forms in a native dialog: what is missing is said at the field, what the server refuses above the buttons. */

import { el } from "../shared/dom.js";
import { say } from "../shared/words.js";

function choice([value, label, , disabled]) {
  return el("option", { value, disabled }, label);
}

/** Options in the order given; a third entry names the group that an option stands under. */
function choicesOf(options) {
  const groups = new Map();
  for (const option of options) groups.set(option[2] ?? "", [...(groups.get(option[2] ?? "") ?? []), option]);
  return [...groups].map(([label, inside]) => (label ? el("optgroup", { label }, inside.map(choice)) : inside.map(choice)));
}

function control(field, testid) {
  const common = { name: field.name, id: `${testid}-${field.name}`, data: { testid: `${testid}-${field.name}` } };
  if (field.options) {
    const select = el("select", common, el("option", { value: "" }, field.optional ? say("desk.none") : say("desk.choose")),
      choicesOf(field.options));
    select.value = field.value ?? "";
    return select;
  }
  if (field.type) return el("input", { ...common, type: field.type, value: field.value ?? "", min: field.min, max: field.max, step: field.step });
  return el("textarea", { ...common, rows: field.rows ?? "3", maxlength: field.limit ?? 2000, value: field.value ?? "" });
}

/** What was left empty is left out: the API has its own default for it. */
export function withoutEmpty(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
}

/**
 * Opens a form and closes it once `submit(values)` has succeeded; Control and Enter send it from any field.
 *
 * Each field is `{name, label, hint, options, value, limit, rows, type, min, max, step, optional, when(values)}`; what is not
 * optional is required, one whose `when` says no is not shown and not sent, values are trimmed. `before` and `extra` are
 * elements of the caller's own, above and below the fields. `confirm(values)` is a sentence that is shown first, if there is one: the
 * same button pressed again does it. An error that `submit` throws is shown in the dialog, with everything that was written
 * kept. Answers `{dialog, control(name)}`.
 */
export function openForm({ title, text, testid, fields, action, submit, confirm = null, before = null, extra = null }) {
  const opener = document.activeElement;
  const problem = el("p", { class: "alert", role: "alert", hidden: true });
  const sure = el("p", { class: "sure", role: "status", data: { testid: `${testid}-sure` } });
  const controls = fields.map((field) => control(field, testid));
  const errors = fields.map((field) => el("p", { class: "field-error", id: `${testid}-${field.name}-error` }));
  const button = el("button", { type: "submit", class: "button primary", "aria-keyshortcuts": "Control+Enter",
    data: { testid: `${testid}-submit` } }, action);
  const dialog = el("dialog", { class: "dialog", "aria-labelledby": `${testid}-title`, data: { testid: `${testid}-dialog` } });
  const rows = fields.map((field, index) => el("div", { class: "field" },
    el("label", { for: controls[index].id }, field.optional ? say("desk.optional", { label: field.label }) : field.label),
    field.hint && el("small", {}, field.hint), controls[index], errors[index]));
  const form = el("form", { method: "dialog", novalidate: true },
    el("h2", { id: `${testid}-title` }, title), text && el("p", { class: "muted" }, text), before, rows, extra, sure, problem,
    el("div", { class: "dialog-actions" },
      el("button", { type: "button", class: "button", onclick: () => dialog.close() }, say("desk.cancel")), button));

  /** The values of the fields that are shown. */
  function values() {
    return Object.fromEntries(fields.flatMap((field, index) => (rows[index].hidden ? [] : [[field.name, controls[index].value.trim()]])));
  }

  function arrange() {
    const all = Object.fromEntries(fields.map((field, index) => [field.name, controls[index].value.trim()]));
    fields.forEach((field, index) => { rows[index].hidden = field.when ? !field.when(all) : false; });
    sure.textContent = "";
    button.textContent = action;
  }

  function check() {
    let first = null;
    fields.forEach((field, index) => {
      if (rows[index].hidden) return;
      const missing = !field.optional && controls[index].value.trim() === "";
      const wrong = !missing && !controls[index].checkValidity();
      controls[index].setAttribute("aria-invalid", String(missing || wrong));
      controls[index].setAttribute("aria-describedby", missing || wrong ? errors[index].id : "");
      errors[index].textContent = missing ? say("desk.field_missing", { label: field.label })
        : wrong ? `${field.label}: ${controls[index].validationMessage}` : "";
      if (missing || wrong) first ??= controls[index];
    });
    first?.focus();
    return first === null;
  }

  form.addEventListener("input", arrange);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit(button);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    if (button.disabled || !check()) return;
    const question = confirm && sure.textContent === "" && confirm(values());
    if (question) {
      sure.textContent = question;
      button.textContent = say("desk.confirm");
      return;
    }
    button.disabled = true;
    try {
      await submit(values());
      dialog.close();
    } catch (error) {
      // The question is asked anew: "yes" to what was refused would be refused again.
      arrange();
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    // The button is drawn anew with the case: the focus goes to the one that stands in its place.
    const again = opener?.isConnected && opener !== document.body ? opener : document.querySelector(`[data-testid="${CSS.escape(testid)}"]`);
    again?.focus?.();
  });
  arrange();
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, control: (name) => controls[fields.findIndex((field) => field.name === name)] };
}
