/** Where a registry is, and whom its first request has to find out for. */
import { ImageDslError, systemCodeOf, tlsTroubleOf } from "../../core/index.ts";

export interface Origin {
  readonly url: URL;
  /**
   * Asks something of the registry. The first to do so goes alone: after it, all know whether TLS is spoken and who
   * the registry wants to hear from, and do not find out one by one.
   */
  ask<Result>(request: (origin: URL) => Promise<Result>): Promise<Result>;
}

/** `https`; with `isInsecure`, `http` where that is all that is spoken. */
export function registryOrigin(host: string, isInsecure: boolean): Origin {
  let url = new URL(`https://${host}/`);
  let isKnown = false;
  let asking: Promise<unknown> | undefined;
  async function first<Result>(request: (origin: URL) => Promise<Result>): Promise<Result> {
    try {
      try {
        return await request(url);
      } catch (error) {
        if (!isInsecure || !speaksNoTls(error, url)) throw error;
        url = new URL(`http://${host}/`);
        return await request(url);
      } finally {
        isKnown = true;
      }
    } catch (error) {
      // Nobody answered, so the next one is the first again.
      if (error instanceof ImageDslError && error.code === "E_NETWORK") isKnown = false;
      throw error;
    } finally {
      asking = undefined;
    }
  }
  return {
    get url() {
      return url;
    },
    async ask(request) {
      while (!isKnown) {
        if (asking === undefined) {
          const answer = first(request);
          asking = answer.catch(() => {});
          return answer;
        }
        await asking;
      }
      return request(url);
    },
  };
}

function speaksNoTls(error: unknown, url: URL): boolean {
  if (tlsTroubleOf(error) === "protocol") return true;
  // Without a port, the two schemes are at different doors.
  return error instanceof ImageDslError && url.port === "" && systemCodeOf(error.cause) === "ECONNREFUSED";
}
