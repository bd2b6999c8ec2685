/**
 * The links of a page, and the anchors that its headings make, by GitHub's rules.
 */
import { prose } from "./fences.ts";

/** A link as it is written. */
export interface Link {
  readonly target: string;
  readonly line: number;
}

/** The links and images of a page, code aside. */
export function linksOf(markdown: string): Link[] {
  return prose(markdown)
    .split("\n")
    .flatMap((line, i) =>
      [...line.replace(/`[^`]*`/g, "").matchAll(/\]\((?<target>[^)\s]+)[^)]*\)/g)].map((match) => ({
        target: match.groups?.target ?? "",
        line: i + 1,
      })),
    );
}

/** The anchors of a page: one for each heading, a number behind those that come again. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  const seen = new Map<string, number>();
  for (const line of prose(markdown).split("\n")) {
    const heading = /^#{1,6} +(?<text>.+?) *#*$/.exec(line)?.groups?.text;
    if (heading === undefined) continue;
    const slug = slugOf(heading);
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

function slugOf(heading: string): string {
  const text = heading.replace(/\[(?<label>[^\]]*)\]\([^)]*\)/g, "$<label>").toLowerCase();
  return text.replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "").replaceAll(" ", "-");
}
