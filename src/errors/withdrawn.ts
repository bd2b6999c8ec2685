/**
 * What a call rejects with that was taken back before it began, so that it can be made elsewhere. It reaches no user.
 * Tests: test/conformance/pool-sharing.test.ts.
 */
export const WITHDRAWN = new Error("the call has been taken back before it began");
