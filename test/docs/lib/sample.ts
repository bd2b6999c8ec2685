/**
 * Compares the output that a page shows with output that was there.
 */

/** Where numbers and the path of the database are, something that is always the same. */
function mask(line: string): string {
  return line
    .trimEnd()
    .replace(/\bdatabase \S+/, "database PATH")
    .replace(/\d[\d.,]*/g, "N");
}

/**
 * The lines of a sample that do not come in the output, in the order of the sample. A line `…` stands for any number of
 * lines; without one between them, two lines of the sample must follow one another.
 */
export function missingLines(sample: string, output: string): string[] {
  const lines = output.split("\n").map(mask);
  const missing: string[] = [];
  let next = 0;
  let maySkip = true;
  for (const line of sample.split("\n")) {
    if (line === "…") {
      maySkip = true;
      continue;
    }
    const found = maySkip ? lines.indexOf(mask(line), next) : next;
    if (lines[found] === mask(line)) next = found + 1;
    else missing.push(line);
    maySkip = false;
  }
  return missing;
}
