// Random SQL for the property tests of this room. Not a test file.
import fc from "fast-check";

const PIECES = [
  ..."'\"`[];?:@$#()-><=!|&~%+,.*/\\{}^ \t\n\r\f\v_xX1e0",
  ...[
    "0x",
    "aF",
    "e5",
    "1_0",
    "x'ab'",
    "--",
    "/*",
    "*/",
    "->>",
    "||",
    "?12",
    ":a",
    "@b",
    "$c",
    "\r\n",
    "\uFEFF",
    "\u0001",
  ],
  ...[
    "é",
    "😀",
    "中",
    "\u00a0",
    "select",
    "BEGIN",
    "end",
    "case",
    "Trigger",
    "create",
    "temp",
    "explain",
    "'a;b'",
    "[a;b]",
  ],
];

/** Texts that are nearly never a statement. */
export const soup: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 14 })
  .map((pieces) => pieces.join(""));

/** Spaces and comments, closed. */
export const blank: fc.Arbitrary<string> = fc.constantFrom(
  " ",
  "\n",
  "\t\r\n",
  " -- é; '\n",
  "/* ; ' \" */",
  " /**/ ",
  "--\n",
  " \uFEFF ",
);
