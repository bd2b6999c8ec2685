// Puts numbers in the place of names: for who takes values by position only.
// Tests: test/unit/sql/number-parameters.test.ts.
import { ParameterNumbers } from "./parameters.ts";
import { Scanner } from "./tokenizer.ts";

/** The first statement of a text with every parameter as `?NNN`. */
export function numberParameters(sql: string): string {
  const numbers = new ParameterNumbers();
  const scanner = new Scanner(sql);
  let text = "";
  let from = 0;
  if (!scanner.nextStatement()) return sql;
  do {
    if (scanner.kind !== "parameter") continue;
    const number = numbers.add(sql, scanner);
    text += `${sql.slice(from, scanner.start)}?${number}`;
    from = scanner.end;
  } while (scanner.nextSignificant());
  return text + sql.slice(from);
}
