/**
 * Wraps every tap when it is registered, so that an error says which plugin threw it and in which hook. tapable
 * itself does not tell.
 */
import type { FullTap, HookInterceptor, HookMap } from "tapable";
import { ImageDslError, messageOf } from "../error.ts";

interface Interceptable {
  intercept(interceptor: HookInterceptor<never, never>): void;
}

/** Names a hook and wraps what is tapped from now on. */
export function named<Hook extends Interceptable>(name: string, hook: Hook): Hook {
  hook.intercept({ register: (tap: FullTap) => wrapTap(name, tap) } as HookInterceptor<never, never>);
  return hook;
}

/** The same for each hook of a map; its key is part of the name: `collect for "files"`. */
export function namedMap<Hook extends Interceptable>(name: string, map: HookMap<Hook>): HookMap<Hook> {
  map.intercept({ factory: (key: unknown, hook: Hook) => named(`${name} for "${String(key)}"`, hook) });
  return map;
}

function wrapTap(hook: string, tap: FullTap): FullTap {
  if (tap.type === "async") return tap;
  // tapable types a tap's function as `Function`.
  const fn = tap.fn as (...args: unknown[]) => unknown;
  const wrapped = (...args: unknown[]): unknown => {
    let result: unknown;
    try {
      result = fn(...args);
    } catch (error) {
      throw blame(hook, tap.name, error);
    }
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw blame(hook, tap.name, error);
    });
  };
  return { ...tap, fn: wrapped };
}

/** What the program itself reports has its own code; anything else is the plugin's fault and gets its name. */
function blame(hook: string, plugin: string, error: unknown): unknown {
  if (error instanceof ImageDslError) return error;
  if (error instanceof Error && error.name === "AbortError") return error;
  return new ImageDslError("E_HOOK", `The plugin "${plugin}" failed in the hook ${hook}: ${messageOf(error)}`, {
    hint: `Look into the plugin "${plugin}", or leave it out of plugins; --verbose shows the stack`,
    cause: error,
  });
}
