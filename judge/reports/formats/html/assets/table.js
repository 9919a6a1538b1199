// Sorting and filtering the table of submissions.
judge.table = (data) => {
  const body = document.querySelector(".list tbody");
  if (!body || !data) return;
  const elements = [...body.rows];
  const { rows, codes } = data;
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const folded = (text) => text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, ""); // "Jose" finds "José"
  const haystacks = rows.map((row) => folded([row.path, row.words, ...row.codes.map((code) => codes[code].join(" "))].join(" ")));
  const fields = Object.fromEntries(["text", "verdict", "code", "check"].map((key) => [key, document.getElementById(`filter-${key}`)]));
  const count = document.getElementById("filter-count");
  const nothing = document.getElementById("nothing");
  const bars = [...document.querySelectorAll("[data-filter]")];

  const sort = (header) => {
    const { sort: key, as } = header.firstElementChild.dataset;
    const descending = header.getAttribute("aria-sort") === "ascending";
    for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const sign = descending ? -1 : 1;
    const missing = (value) => value === null || value === "";
    const order = rows.map((_, place) => place).sort((a, b) => {
      const [x, y] = [rows[a][key], rows[b][key]];
      if (missing(x) || missing(y)) return missing(x) - missing(y) || a - b; // what is not known stands last, both ways
      return sign * (as === "number" ? x - y : collator.compare(x, y)) || a - b;
    });
    body.append(...order.map((place) => elements[place]));
  };

  const filter = () => {
    const words = folded(fields.text.value).split(/\s+/).filter(Boolean);
    const [verdict, code, check] = ["verdict", "code", "check"].map((key) => fields[key].value);
    let shown = 0;
    rows.forEach((row, place) => {
      const fits = words.every((word) => haystacks[place].includes(word)) &&
        (verdict === "" || row.verdict === Number(verdict)) &&
        (code === "" || row.codes.includes(Number(code))) &&
        (check === "" || row.outcomes[Number(check)] === "f");
      elements[place].hidden = !fits;
      shown += fits;
    });
    const total = rows.length.toLocaleString("en");
    count.textContent = shown === rows.length ? `${total} submissions` : `${shown.toLocaleString("en")} of ${total} submissions`;
    nothing.hidden = shown > 0;
    for (const bar of bars) {
      const [key, value] = bar.dataset.filter.split(":");
      bar.setAttribute("aria-pressed", String(fields[key].value === value));
    }
  };

  for (const header of document.querySelectorAll(".list thead th")) {
    header.firstElementChild.addEventListener("click", () => sort(header));
  }
  for (const field of Object.values(fields)) field.addEventListener("input", filter);
  const form = fields.text.form;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter, 0)); // the fields are emptied after this event
  for (const bar of bars) {
    bar.addEventListener("click", () => {
      const [key, value] = bar.dataset.filter.split(":");
      fields[key].value = fields[key].value === value ? "" : value;
      filter();
    });
  }
  filter();
};
