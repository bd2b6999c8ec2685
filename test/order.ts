/**
 * In which order the test files run: those that wait for servers, time limits and child processes among those that compute,
 * so that the processors have something to do. Of each kind the longest come first. It must not know what a test is about.
 */
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Projects in the order in which they begin; those of one place are mixed. */
const PLACES: readonly (readonly string[])[] = [
  ["conformance", "faults"],
  ["client", "docs", "soak"],
  // By now the package has been built beside the others.
  ["package", "architecture"],
  // Short files, which end together, and share their processes as long as nothing comes between them.
  ["unit"],
];

function placeOf({ project }: TestSpecification): number {
  const place = PLACES.findIndex((names) => names.includes(project.name));
  return place === -1 ? PLACES.length : place;
}

/** Lists into one, each spread over its whole length. */
function mixed<T>(lists: readonly (readonly T[])[]): T[] {
  return lists
    .flatMap((list) => list.map((item, i) => ({ item, at: (i + 0.5) / list.length })))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

export class Order extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const places = Map.groupBy(await super.sort(files), placeOf);
    return [...places]
      .sort(([a], [b]) => a - b)
      .flatMap(([, among]) => mixed([...Map.groupBy(among, ({ project }) => project.name).values()]));
  }
}
