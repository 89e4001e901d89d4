/** What answers at a registry's place and is none: a web server, a login page, a proxy that has its own words. */
import { ImageDslError } from "../../core/index.ts";

/** `what`: how it shows, behind the name. */
export function noRegistry(registry: string, what: string): ImageDslError {
  return new ImageDslError("E_REGISTRY", `${registry} ${what}: this is no registry`, {
    hint: "See whether its name and port are right, and whether a proxy or a login page stands before it",
  });
}
