// The corpus in numbers: the workflow's figures, its summary, and what failed.
(() => {
  "use strict";
  const { element } = Viewer.dom;
  const { whole } = Viewer.texts;
  const KINDS = { videos: "Video", coverphotos: "Cover", photos: "Picture", captions: "Captions" };
  const section = document.getElementById("figures");

  // On narrow screens, users can scroll it by keyboard.
  const table = (caption, columns, rows) => element("div",
    { class: "sheet", role: "region", "aria-label": caption, tabindex: "0" },
    element("table", {}, element("caption", {}, caption),
      element("thead", {}, element("tr", {},
        columns.map((column) => element("th", { scope: "col" }, column)))),
      element("tbody", {}, rows.map(([first, ...others]) => element("tr", {},
        element("th", { scope: "row", dir: "auto" }, first),
        others.map((cell) => element("td", { dir: "auto" }, cell)))))));

  function createFigure({ name, about }) {
    return element("figure", { class: "figure" },
      element("img", { src: Viewer.source.figure(name), alt: about, loading: "lazy" }));
  }
  const command = () => element("div", { class: "empty" },
    element("p", { class: "empty-title" }, "There are no figures yet"),
    element("p", {}, "To draw them, type: ", element("code", {}, "snakemake --cores 8")));

  async function show() {
    const { figures, has_report: hasReport, summary, failures } = await Viewer.source.figures();
    section.replaceChildren(
      element("h1", { id: "figures-title", tabindex: "-1" }, "Figures"),
      element("p", { class: "quiet" }, "What the corpus contains, and what it lacks."),
      element("p", { hidden: !hasReport }, element("a",
        { href: Viewer.source.report, target: "_blank", rel: "noopener" }, "The report of the experiments")),
      figures.length ? element("div", { class: "figures" }, figures.map(createFigure)) : command(),
      element("div", { class: "tables" },
        summary.length ? table("All counts", ["Quantity", "Value"],
          summary.map(([name, value]) => [name, /^\d{5,}$/.test(value) ? whole(Number(value)) : value]))
          : null,
        failures.length ? table("Missing files", ["Class", "Kind", "Reason", "Files"],
          failures.map((row) =>
            [row.outcome, KINDS[row.kind] ?? row.kind, row.reason, whole(row.files)])) : null));
  }

  Viewer.figures = {
    show, title: () => "Figures", focus: () => document.getElementById("figures-title").focus(),
  };
})();
