/** `docker://HOST/NAME`: the repository that a shared cache is. */
import { ImageDslError } from "../../../core/index.ts";
import { parseReference, type RegistryReference } from "../reference.ts";

/** Throws `E_USAGE` and `E_REFERENCE`. */
export function readPlace(text: string): RegistryReference {
  const reference = parseReference(text);
  const isBare = reference.digest === undefined && text.endsWith(`/${reference.repository}`);
  if (isBare && text.startsWith("docker://") && text.slice("docker://".length).includes("/")) return reference;
  throw new ImageDslError("E_USAGE", `"${text}" does not say which repository of which registry the shared cache is`, {
    hint: "Write docker://HOST/NAME, without a tag",
  });
}
