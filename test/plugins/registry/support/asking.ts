/** Short words for tests that ask a registry through the client. */
import * as assert from "uvu/assert";
import { ImageDslError } from "../../../../core/error.ts";
import type { HttpResponse } from "../../../../core/http/request-options.ts";
import {
  registryClient,
  type RegistryClient,
  type RegistryClientOptions,
  type RegistryScope,
} from "../../../../plugins/registry/client.ts";

/** Of a registry on plain http, beside which `others` are named as insecure too. Tries again at once. */
export function clientOf(
  registry: { readonly host: string },
  others: readonly { readonly host: string }[] = [],
  more: Partial<RegistryClientOptions> = {},
): RegistryClient {
  return registryClient({
    registry: registry.host,
    insecureHosts: [registry, ...others].map(({ host }) => host),
    signal: new AbortController().signal,
    retry: { attempts: 3, delay: 1 },
    silence: 5000,
    ...more,
  });
}

export function scope(repository: string, ...actions: RegistryScope["actions"]): RegistryScope {
  return { repository, actions };
}

/** The answer's body, whole. */
export async function textOf(response: HttpResponse | Promise<HttpResponse>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of (await response).body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** What was thrown, which must have this code. */
export async function failure(promise: Promise<unknown>, code: string, what = ""): Promise<ImageDslError> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof ImageDslError)) throw error;
    assert.is(error.code, code, `${what} ${error.message}`);
    return error;
  }
  throw new Error(`Nothing was thrown ${what}`);
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
