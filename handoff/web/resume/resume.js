/** Opens the conversation that the link in a mail leads to. The token stands behind the #, so no server logs it. */

const status = document.querySelector("#status");
const SAYS = { token_expired: "expired", token_invalid: "invalid" };

/** "ready", or what is to be said instead. */
async function look(link) {
  if (!link) return "invalid";
  try {
    const answer = await fetch("/api/customer/v1/links", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ link }),
      cache: "no-store",
    });
    if (answer.ok) return "ready";
    return SAYS[(await answer.json()).error.code] ?? (answer.status === 422 ? "invalid" : "failed");
  } catch {
    return "failed";
  }
}

async function begin() {
  const link = location.hash.slice(1);
  const found = await look(link);
  status.textContent = status.dataset[found];
  if (found !== "ready") return;
  // Before the widget's script, which would make one without a link.
  const widget = document.createElement("warmline-widget");
  widget.dataset.link = link;
  document.body.append(widget);
  await import("/widget.js");
  await widget.open();
}

// Another link in the same tab is another conversation.
addEventListener("hashchange", () => location.reload());
begin();
