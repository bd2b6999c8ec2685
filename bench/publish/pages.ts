/**
 * Pages whose numbers the bench writes, between markers:
 *
 *     <!-- bench: synchronous -->
 *     …
 *     <!-- /bench -->
 */

const block = /(?<open><!-- bench: (?<name>[^>]+?) -->\n).*?(?<close><!-- \/bench -->)/gs;

/** @throws {Error} for a name that there is no block of */
export function pageWith(page: string, blocks: ReadonlyMap<string, string>): string {
  return page.replace(block, (_, open: string, name: string, close: string) => {
    const text = blocks.get(name);
    if (text === undefined)
      throw new Error(`a page asks for "${name}"; there is "${[...blocks.keys()].join('", "')}"`);
    return `${open}\n${text}\n\n${close}`;
  });
}
