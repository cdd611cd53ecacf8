/** Every shortcut of the desk, in one place: where it acts and in the list of shortcuts it is the same. */

export const PALETTE = "Ctrl+K";
export const SHORTCUTS = "Ctrl+/";
export const OFFER = { accept: "Alt+Shift+A", decline: "Alt+Shift+D" };
export const LIST = { next_case: "Alt+Shift+J", previous_case: "Alt+Shift+K", go_list: "Alt+Shift+L", go_context: "Alt+Shift+C" };
/** By the name of the action. */
export const ACTIONS = {
  accept: OFFER.accept, resolve: "Alt+Shift+W", "next-update": "Alt+Shift+U", wait: "Alt+Shift+H", resume: "Alt+Shift+H", transfer: "Alt+Shift+T",
  escalate: "Alt+Shift+E", plan: "Alt+Shift+P", severity: "Alt+Shift+S", release: "Alt+Shift+B", authority: "Alt+Shift+M", "take-over": "Alt+Shift+O",
};

/** A view's shortcut, by its place in the bar from 0 on. */
export const viewKeys = (index) => `Alt+Shift+${index + 1}`;
