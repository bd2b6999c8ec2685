/**
 * The packed library, for the tests: waits until `pack.ts` has it. Must not know how it is made.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { ANSWER, type Answer, type Packed } from "./pack.ts";

/** @throws {Error} when the packing has failed, with all that npm said. Its steps have deadlines. */
export async function packed(): Promise<Packed> {
  const path = join(inject("packing"), ANSWER);
  for (;;) {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      return null;
    });
    if (text !== null) {
      const answer = JSON.parse(text) as Answer;
      if ("failure" in answer) throw new Error(answer.failure);
      return answer.packed;
    }
    await sleep(100);
  }
}
