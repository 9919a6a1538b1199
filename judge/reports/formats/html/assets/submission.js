// One submission: verdict, findings in their source, checks, output, and what is known about the run.
judge.submission = (() => {
  const h = judge.h;

  const plural = (many, noun) => `${many.toLocaleString("en")} ${noun}${many === 1 ? "" : "s"}`;

  const block = (one) => one.code
    ? h("pre", {}, one.code.join("\n"))
    : h("p", {}, one.text.map((part, place) => (place % 2 ? h("code", {}, part) : part)));

  const finding = (one, place) => h("article", { class: `finding s-${one.severity}`, id: `finding-${place}`, tabindex: "-1" },
    h("div", { class: "severity" }, one.severity, one.marks.length ? ` · ${one.where}` : ""),
    h("h3", {}, one.title),
    one.blocks.map(block),
    h("footer", {},
      one.checks.length ? h("p", {}, "It shows in ", one.checks.slice(0, 4).join(", "),
        one.checks.length > 4 ? ` and ${one.checks.length - 4} more` : "") : null,
      h("p", {}, "To read on: ", one.read.map(([name, address], at) => [at ? ", " : "",
        address ? h("a", { href: address, rel: "noreferrer" }, name) : h("code", {}, name)]))));

  // The pieces of one line as nodes, with the marked parts (sorted, apart) in <mark>.
  const nodes = (row, marks) => {
    if (!marks.length) return row.map(([text, kind]) => (kind ? h("span", { class: kind }, text) : text));
    const found = [];
    let at = 0;
    for (const [text, kind] of row) {
      const cuts = new Set([0, text.length]);
      for (const [start, end] of marks) for (const edge of [start - at, end - at]) if (edge > 0 && edge < text.length) cuts.add(edge);
      const edges = [...cuts].sort((a, b) => a - b);
      for (let i = 0; i + 1 < edges.length; i++) {
        const part = text.slice(edges[i], edges[i + 1]);
        const inside = marks.some(([start, end]) => at + edges[i] >= start && at + edges[i] < end);
        const plain = kind ? h("span", { class: kind }, part) : part;
        found.push(inside ? h("mark", {}, plain) : plain);
      }
      at += text.length;
    }
    if (marks.every(([start, end]) => start === end)) found.push(h("mark", { class: "point" }));
    return found;
  };

  const source = (data) => {
    if (!data.source.length) return null;
    const marksOf = new Map();
    const after = new Map();
    data.findings.forEach((one, place) => {
      for (const [line, start, end] of one.marks) marksOf.set(line, [...(marksOf.get(line) || []), [start, end]]);
      if (one.marks.length) {
        const last = one.marks[one.marks.length - 1][0];
        after.set(last, [...(after.get(last) || []), finding(one, place)]);
      }
    });
    // Of a notebook the lines that the judge put between the cells are shown as the cells' headings.
    const cellOf = new Map();
    for (const [cell, first, count] of data.cells)
      for (let line = 0; line < count; line++) cellOf.set(first + line, [cell, line + 1]);
    const box = h("div", { class: "lines" });
    judge.python.lines(data.source).forEach((row, place) => {
      const [cell, line] = cellOf.get(place + 1) || [0, place + 1];
      if (data.cells.length && !cell) return;
      if (cell && line === 1) box.append(h("h3", { class: "cell" }, `Cell ${cell}`));
      const marks = marksOf.get(place + 1) || [];
      const code = h("code", {}, nodes(row, marks), row.length ? "" : "\u200b");
      const hang = Math.min(16, data.source[place].search(/\S|$/) + 4); // where a line that wraps goes on
      code.style.paddingLeft = `${hang}ch`;
      code.style.textIndent = `-${hang}ch`;
      box.append(h("div", { class: marks.length ? "row hit" : "row" },
        h("span", { "data-line": line, "aria-hidden": "true" }), code), ...(after.get(place + 1) || []));
    });
    return h("section", { class: "panel source", "aria-label": "Source" }, h("h2", {}, "Source"), box,
      data.linesLeftOut ? h("p", { class: "soft cut" }, `${plural(data.linesLeftOut, "more line")} not shown`) : null);
  };

  const findings = (data) => {
    const placed = data.findings.map((one, place) => [one, place]);
    const apart = placed.filter(([one]) => !one.marks.length);
    const linked = placed.filter(([one]) => one.marks.length);
    if (!placed.length) return null;
    return h("section", { class: "panel", "aria-label": "Findings" },
      h("h2", {}, plural(data.findings.length + data.findingsLeftOut, "finding")),
      linked.length ? h("ul", { class: "toc" }, linked.map(([one, place]) => h("li", {},
        h("span", { class: `severity s-${one.severity}` }, one.severity),
        h("span", {}, one.title, " ", h("a", { href: `#finding-${place}`, "data-jump": `finding-${place}` }, one.where))))) : null,
      apart.length ? h("div", { class: "apart" }, apart.map(([one, place]) => finding(one, place))) : null,
      data.findingsLeftOut ? h("p", { class: "soft" }, `${plural(data.findingsLeftOut, "more finding")} not shown`) : null);
  };

  const signs = { passed: ["✓", "passed"], failed: ["✗", "failed"], "not-reached": ["–", "not reached"] };
  const fact = (label, value, kind) => value ? h("div", {}, h("span", { class: "label" }, label), h("span", { class: kind || false }, value)) : null;

  const check = (one) => h("li", {},
    h("div", { class: "check-line" },
      h("span", { class: `sign ${one.outcome}` }, h("span", { "aria-hidden": "true" }, signs[one.outcome][0]),
        h("span", { class: "unseen" }, signs[one.outcome][1])),
      h("span", { class: "name", title: one.title }, one.name, one.hidden ? h("span", { class: "tag" }, "hidden") : null),
      h("span", { class: "points" }, one.points)),
    one.outcome === "passed" && !one.reason ? null : h("div", { class: "why" },
      one.reason ? h("div", {}, one.reason) : null,
      fact("expected", one.expected), fact("got", one.got), one.off ? h("div", { class: "off" }, one.off) : null),
    one.stdout ? h("details", {}, h("summary", {}, "output"), h("pre", { class: "output", tabindex: "0" }, one.stdout)) : null);

  const order = ["failed", "not-reached"];
  const checks = (data) => {
    if (!data.checks.length) return null;
    const groups = [["case", "Cases"], ["pitfall", "Pitfalls"]].map(([kind, title]) => {
      const list = data.checks.filter((one) => one.kind === kind);
      if (!list.length) return null;
      const passed = list.filter((one) => one.outcome === "passed").length;
      const rest = list.filter((one) => one.outcome !== "passed").sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome));
      const fine = h("ul", { class: "checks" }, list.filter((one) => one.outcome === "passed").map(check));
      const folded = rest.length && passed > 6;
      return [h("h3", { class: "group" }, `${title}: ${passed} of ${list.length} passed`),
        rest.length ? h("ul", { class: "checks" }, rest.map(check)) : null,
        folded ? h("details", { class: "fold" }, h("summary", {}, `${passed} passed`), fine) : fine];
    });
    return h("section", { class: "panel", "aria-label": "Checks" }, h("h2", {}, "Checks"), groups,
      data.checksLeftOut ? h("p", { class: "soft" }, `${plural(data.checksLeftOut, "more check")} not shown`) : null,
      data.notShown ? h("p", { class: "soft" }, `${data.notShown}.`) : null);
  };

  const counterexample = (data) => data.counterexample ? h("section", { class: "panel" },
    h("h2", {}, "An input on which it goes wrong"),
    h("pre", { class: "output", tabindex: "0" }, data.counterexample.inputs.join("\n")), h("p", {}, data.counterexample.result)) : null;

  const notes = (data) => data.notes.length ? h("section", { class: "panel", "aria-label": "Notebook" },
    h("h2", {}, "What was left out of the notebook"), data.notes.map((note) => note.map(block))) : null;

  const output = (data) => data.stdout ? h("section", { class: "panel" }, h("h2", {}, "Printed while loading"),
    h("pre", { class: "output", tabindex: "0" }, data.stdout)) : null;

  const about = (data) => h("section", { class: "panel" }, h("details", {}, h("summary", {}, "About this run"),
    h("dl", { class: "about" }, data.about.map(([key, value]) => [h("dt", {}, key), h("dd", {}, value)]))));

  // The whole view; `place` and `count` make the links to the neighbours, `count` 0 leaves them out.
  const view = (data, place, count) => [
    count ? h("nav", { class: "crumbs", "aria-label": "Submissions" }, h("a", { href: "#overview" }, "← All submissions"),
      h("span", { class: "end" },
        place > 0 ? h("a", { href: `#submission-${place - 1}`, rel: "prev" }, "Previous") : null,
        place + 1 < count ? h("a", { href: `#submission-${place + 1}`, rel: "next" }, "Next") : null)) : null,
    h("header", {},
      h("h1", { tabindex: "-1" }, h("bdi", {}, data.path)),
      h("p", { class: "verdict" }, h("span", { class: `pill v-${data.verdict}` }, data.words), h("strong", {}, data.score)),
      data.sentence ? h("p", { class: "lead" }, data.sentence) : null,
      data.stamp ? h("p", { class: "stamp" }, data.stamp) : null),
    h("div", { class: "parts" },
      h("div", {}, findings(data), source(data), notes(data), output(data)),
      h("div", {}, counterexample(data), checks(data), about(data))),
  ].filter(Boolean);

  return { view };
})();
