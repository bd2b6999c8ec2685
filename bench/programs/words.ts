/**
 * The words by which programs that are no JavaScript know the trials. What they are to do stands with the trials.
 */
import {
  executemanyTrial,
  fetchallTrial,
  hundredRowsTrial,
  insertTrial,
  iterationTrial,
  lookupTrial,
  tenRowsTrial,
} from "../sync/trials/names.ts";

export const words: Readonly<Record<string, string>> = {
  [lookupTrial]: "lookup",
  [tenRowsTrial]: "page10",
  [hundredRowsTrial]: "page100",
  [fetchallTrial]: "fetchall",
  [iterationTrial]: "iterate",
  [insertTrial]: "insert",
  [executemanyTrial]: "executemany",
};
