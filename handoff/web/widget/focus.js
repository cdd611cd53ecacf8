/** The focus stays in the panel: while it fills the screen, and when what had it goes. */

/** `rest()` gives the focus to where it is by itself. */
export function holdFocus(section, rest) {
  let held = null;
  section.addEventListener("focusin", ({ target }) => {
    held = target;
  });
  section.addEventListener("focusout", () => setTimeout(() => {
    if (!section.matches(":focus-within")) held = null;
  }));
  // A button that goes once it was pressed would leave the focus to the beginning of the website.
  new MutationObserver(() => {
    // Told by the tree: to ask for what is visible would have the page styled at each change.
    if (held && !section.hidden && (!held.isConnected || held.closest("[hidden]"))) rest();
  }).observe(section, { childList: true, subtree: true, attributeFilter: ["hidden"] });
  // The website behind a panel that fills the screen cannot be seen.
  section.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || section.ariaModal !== "true") return;
    const ends = [...section.querySelectorAll("header button:not([hidden]), .send")];
    if (!event.shiftKey) ends.reverse();
    if (held !== ends[0] && held !== section) return;
    event.preventDefault();
    ends.at(-1).focus();
  });
}
