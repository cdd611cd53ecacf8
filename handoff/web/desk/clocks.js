/** Times that move: elements register with a function, one timer writes them all. */

const clocks = new Set();

/** The two largest units: "42 s", "4 min 10 s", "2 d 4 h". */
function duration(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return "0 s";
  const parts = [];
  let rest = seconds;
  for (const [name, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(" ");
}

function write(clock) {
  const text = clock.text(Date.now());
  if (clock.element.textContent !== text) clock.element.textContent = text;
}

setInterval(() => {
  for (const clock of clocks) {
    // An element that left the page takes its clock with it.
    if (clock.shown && !clock.element.isConnected) clocks.delete(clock);
    else {
      clock.shown ||= clock.element.isConnected;
      write(clock);
    }
  }
}, 1000);

function run(element, text) {
  const clock = { element, text, shown: false };
  clocks.add(clock);
  write(clock);
  return element;
}

/** `element` shows for how long it has been since `iso`. */
export function since(element, iso) {
  const start = Date.parse(iso);
  return run(element, (now) => duration(now - start));
}

/** `element` shows how long it is until `iso`, or by how much it is past. */
export function until(element, iso) {
  const end = Date.parse(iso);
  return run(element, (now) => {
    element.classList.toggle("late", now > end);
    return now > end ? `${duration(now - end)} late` : `in ${duration(end - now)}`;
  });
}
