/** Looks over each finished image for what cannot be meant: a user, a program, a folder that its config names and it has not. */
import type { Plugin } from "../../core/index.ts";

const NAME = "checks";

export const checksPlugin: Plugin = {
  name: NAME,
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.check.tapPromise(NAME, async (findings, context) => {
        const { findingsOf } = await import("./findings.ts");
        return [...findings, ...findingsOf(context)];
      });
    });
  },
};
