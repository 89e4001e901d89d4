/** `daemon-image`: an image that a Docker daemon has. */
import * as v from "valibot";
import { defineSource, isReference } from "../../core/index.ts";

export interface DaemonImageOptions {
  /** `NAME:TAG`, as the daemon knows it. */
  readonly reference: string;
}

export const daemonImage = defineSource<"daemon-image", DaemonImageOptions>(
  "daemon-image",
  v.strictObject({ reference: v.pipe(v.string(), v.check(isReference, "expected NAME:TAG")) }),
);
