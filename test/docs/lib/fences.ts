/**
 * Reads the fenced blocks of a Markdown page. It must not know what a block means.
 */

/** A fenced block. */
export interface Fence {
  /** The first word after the opening backticks: `ts`, `sh`, `text`. */
  readonly language: string;
  /** What stands between the fences, without the last line end. */
  readonly code: string;
  /** The line of the page on which `code` begins, from 1. */
  readonly line: number;
}

const OPENING = /^(?<marks>`{3,}|~{3,})(?<info>.*)$/;

/** The fenced blocks of a page, in order. @throws {Error} for a fence that is not closed */
export function fencesOf(markdown: string): Fence[] {
  const lines = markdown.split("\n");
  const fences: Fence[] = [];
  for (let i = 0; i < lines.length; i++) {
    const opening = OPENING.exec(lines[i] ?? "")?.groups;
    if (opening === undefined) continue;
    const end = lines.indexOf(opening.marks ?? "", i + 1);
    if (end < 0) throw new Error(`line ${i + 1}: the fence is not closed`);
    const language = (opening.info ?? "").trim().split(/\s/, 1)[0] ?? "";
    fences.push({ language, code: lines.slice(i + 1, end).join("\n"), line: i + 2 });
    i = end;
  }
  return fences;
}

/** Whether a block is a program that the tests run. */
export function isProgram({ language }: Fence): boolean {
  return ["ts", "js", "typescript", "javascript", "mjs", "mts"].includes(language);
}

/** The page with its fenced blocks blanked out, line for line. */
export function prose(markdown: string): string {
  const lines = markdown.split("\n");
  for (const { code, line } of fencesOf(markdown)) {
    lines.fill("", line - 2, line + code.split("\n").length);
  }
  return lines.join("\n");
}
