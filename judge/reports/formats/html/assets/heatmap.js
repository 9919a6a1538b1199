// Pointing at the heat map names the submission and the check; a click opens the submission.
judge.heatMap = (data) => {
  const map = document.getElementById("heat-map");
  if (!map || !data) return;
  const tooltip = document.getElementById("tooltip");
  const cursor = document.getElementById("heat-cursor");
  const number = (key) => Number(map.dataset[key]);
  const [left, top, high, wide] = ["left", "top", "row", "column"].map(number);
  const said = { p: "passed", f: "failed", n: "not reached", "-": "not checked" };

  const cell = (event) => {
    const box = map.getBoundingClientRect();
    const scale = map.viewBox.baseVal.width / box.width;
    const x = (event.clientX - box.left) * scale;
    const y = (event.clientY - box.top) * scale;
    const [row, column] = [Math.floor((y - top) / high), Math.floor((x - left) / wide)];
    return row >= 0 && row < number("rows") && column >= 0 && column < number("columns") ? { row, column } : null;
  };

  const leave = () => { tooltip.hidden = true; cursor.setAttribute("width", 0); };
  map.addEventListener("pointerleave", leave);
  map.addEventListener("pointermove", (event) => {
    const at = cell(event);
    if (!at) return leave();
    const row = data.rows[at.row];
    tooltip.textContent = `${row.path}\n${data.checks[at.column]}: ${said[row.outcomes[at.column]]}`;
    tooltip.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = tooltip;
    tooltip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - width - 8))}px`;
    tooltip.style.top = `${event.clientY + 18 + height > innerHeight ? event.clientY - height - 10 : event.clientY + 18}px`;
    for (const [key, value] of [["x", left + at.column * wide - 0.5], ["y", top + at.row * high - 0.5], ["width", wide], ["height", Math.max(high, 2)]]) cursor.setAttribute(key, value);
    return undefined;
  });
  map.addEventListener("click", (event) => {
    const at = cell(event);
    if (at) { leave(); location.hash = `submission-${at.row}`; }
  });
};
