/**
 * What a page's process reports to the test that started it.
 */

/** What one marker of the page, or the end of one block, came to. */
export interface Finding {
  /** The line of the page. */
  readonly line: number;
  /** What the page says; {@link END_OF_BLOCK} for the end of a block. */
  readonly expected: string;
  /** What was there. */
  readonly actual: string;
}

/** What stands for having reached the end of a block. */
export const END_OF_BLOCK = "the end of the block";
