/**
 * What the bench and its driver processes say to each other: one question, one answer.
 */

/** `prepare` opens a database for a trial, `sample` runs it once, `finish` closes it, `facts` asks for versions. */
export type Question =
  | { readonly ask: "facts" }
  | { readonly ask: "prepare"; readonly trial: string }
  | { readonly ask: "sample" }
  | { readonly ask: "finish" };

export interface Facts {
  readonly version: string;
  readonly sqlite: string;
}

export type Answer =
  | { readonly say: "facts"; readonly facts: Facts }
  | { readonly say: "sample"; readonly taken: number }
  | { readonly say: "done" }
  | { readonly say: "failed"; readonly message: string };
