// Which part is shown: the class, or the one submission that the address names.
(() => {
  const overview = document.getElementById("overview");
  const pane = document.getElementById("submission");
  const data = judge.data("class-data");
  const count = data ? data.rows.length : 0;
  const title = document.title;
  let scrolled = 0;
  let opened = null;
  let from = null; // the link that was followed: several can lead to one submission

  const open = (place) => {
    const report = judge.data(`submission-data-${place}`);
    if (!report) return false;
    if (overview && !overview.hidden) scrolled = scrollY;
    from = overview && overview.contains(document.activeElement) ? document.activeElement : null;
    pane.replaceChildren(...judge.submission.view(report, place, count));
    pane.hidden = false;
    if (overview) {
      overview.hidden = true;
      document.title = `${report.path}: ${report.words}`;
      scrollTo(0, 0);
      pane.querySelector("h1").focus({ preventScroll: true });
    }
    opened = place;
    return true;
  };

  const close = () => {
    if (!overview) return;
    pane.hidden = true;
    pane.replaceChildren();
    overview.hidden = false;
    document.title = title;
    if (opened !== null) {
      scrollTo(0, scrolled);
      const link = from || overview.querySelector(`#submissions a[href="#submission-${opened}"]`);
      if (link) link.focus({ preventScroll: true });
    }
    opened = null;
  };

  const follow = () => {
    const named = /^#submission-(\d+)$/.exec(location.hash);
    const learner = /^#learner-(.+)$/.exec(location.hash); // compared as it is written: no decoding that could fail
    const place = named ? Number(named[1])
      : learner && data ? data.rows.findIndex((row) => row.learners.includes(learner[1])) : -1;
    if (!(place >= 0 && open(place))) {
      close();
      const target = /^#[a-z-]+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
      if (target && target !== overview) target.scrollIntoView();
    }
  };

  // A finding's place in the source is not a page of its own: jump without changing the address.
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[data-jump]");
    if (!link) return;
    event.preventDefault();
    const target = document.getElementById(link.dataset.jump);
    target.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    target.focus({ preventScroll: true });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && count && !pane.hidden) location.hash = "overview";
  });

  judge.table(data);
  judge.heatMap(data);
  if (overview) {
    addEventListener("hashchange", follow);
    follow();
  } else {
    open(0);
  }
})();
