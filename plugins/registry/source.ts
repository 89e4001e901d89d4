/** `registry-image`: an image in a registry to build on. */
import * as v from "valibot";
import { defineSource, messageOf } from "../../core/index.ts";
import { parseReference } from "./reference.ts";

export interface RegistryImageOptions {
  /** `HOST/NAME:TAG` or `HOST/NAME@DIGEST`, as docker and skopeo read it; `docker://` may stand before it. */
  readonly reference: string;
  /** false: its registry may be without TLS, or have a certificate that nobody vouches for. */
  readonly tlsVerify?: boolean;
}

export const registryImage = defineSource<"registry-image", RegistryImageOptions>(
  "registry-image",
  v.strictObject({
    reference: v.pipe(
      v.string(),
      v.rawCheck(({ dataset, addIssue }) => {
        try {
          if (dataset.typed) parseReference(dataset.value);
        } catch (error) {
          addIssue({ message: messageOf(error) });
        }
      }),
    ),
    tlsVerify: v.optional(v.boolean()),
  }),
);
