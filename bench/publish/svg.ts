/**
 * SVG as text: elements with their attributes and what is in them, everything escaped. Tests: test/unit/bench/charts.test.ts.
 */

/** A piece of SVG that is well-formed by itself. */
export interface Svg {
  readonly markup: string;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);

/** @param children elements, and texts as they are to be read */
export function svg(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly (Svg | string)[]
): Svg {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const head = `<${name}${written.join("")}`;
  if (children.length === 0) return { markup: `${head}/>` };
  const inside = children.map((child) => (typeof child === "string" ? escaped(child) : child.markup));
  const isText = children.every((child) => typeof child === "string");
  const [gap, join] = isText ? ["", ""] : ["\n", "\n"];
  return { markup: `${head}>${gap}${inside.join(join)}${gap}</${name}>` };
}
