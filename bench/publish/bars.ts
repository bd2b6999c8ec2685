/**
 * Bar charts: a panel a trial, a bar a driver, its amount and its ratio behind it. One file is read on light and on dark
 * pages: it has a ground of its own, and colours for both.
 */
import { type Svg, svg } from "./svg.ts";

interface Bar {
  readonly name: string;
  readonly value: number;
  /** What stands behind it: `1.90 µs`, `1.37×`. */
  readonly amount: string;
  readonly ratio: string;
  /** Ours, another's, or what is no peer and only shows how far one could get. */
  readonly kind: "own" | "other" | "beyond";
}

export interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

export interface Chart {
  readonly title: string;
  readonly panels: readonly Panel[];
  /** What the numbers were taken on. */
  readonly caption: readonly string[];
}

const width = 760;
const margin = 20;
const labels = 200;
const amounts = 150;
const longest = width - 2 * margin - labels - amounts;
const [barHeight, step, head, gap] = [15, 20, 24, 14] as const;

const style = `
  text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 12px; fill: #24292f; }
  .ground { fill: #ffffff; stroke: #d0d7de; }
  .title { font-size: 16px; font-weight: 600; }
  .trial { font-weight: 600; }
  .quiet { fill: #57606a; font-size: 11px; }
  .name { text-anchor: end; }
  .is-own { font-weight: 700; }
  .own { fill: #0969da; }
  .other { fill: #afb8c1; }
  .beyond { fill: none; stroke: #8c959f; stroke-dasharray: 3 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .ground { fill: #0d1117; stroke: #30363d; }
    .quiet { fill: #9198a1; }
    .own { fill: #4493f8; }
    .other { fill: #57606a; }
    .beyond { stroke: #768390; }
  }
`;

const heightOf = ({ bars }: Panel) => head + bars.length * step + gap;

function barOf({ name, value, amount, ratio, kind }: Bar, highest: number, y: number): Svg[] {
  const length = Math.max(1, (longest * value) / highest);
  const [x, line] = [margin + labels, y + barHeight - 3];
  const own = kind === "own" ? " is-own" : "";
  return [
    svg("text", { class: `name${own}`, x: x - 8, y: line }, name),
    svg("rect", { class: kind, x, y, width: length.toFixed(1), height: barHeight, rx: 2 }),
    svg(
      "text",
      { class: own.trim(), x: (x + length + 6).toFixed(1), y: line },
      ratio === "" ? amount : `${amount} (${ratio})`,
    ),
  ];
}

function panelOf(panel: Panel, y: number): Svg {
  const highest = Math.max(...panel.bars.map(({ value }) => value), Number.MIN_VALUE);
  return svg(
    "g",
    {},
    svg("text", { class: "trial", x: margin, y: y + 14 }, `${panel.title}, per ${panel.unit}`),
    ...panel.bars.flatMap((bar, at) => barOf(bar, highest, y + head + at * step)),
  );
}

/** The whole file. */
export function drawn({ title, panels, caption }: Chart): string {
  const top = margin + 40;
  const bottom = panels.reduce((y, panel) => y + heightOf(panel), top);
  const height = bottom + caption.length * 16 + margin / 2;
  let y = top;
  const parts = panels.map((panel) => {
    const part = panelOf(panel, y);
    y += heightOf(panel);
    return part;
  });
  const root = svg(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-labelledby": "title",
    },
    svg("title", { id: "title" }, title),
    svg("style", {}, style),
    svg("rect", { class: "ground", x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 8 }),
    svg("text", { class: "title", x: margin, y: margin + 14 }, title),
    ...parts,
    ...caption.map((line, at) => svg("text", { class: "quiet", x: margin, y: bottom + 10 + at * 16 }, line)),
  );
  return `${root.markup}\n`;
}
