/** Fetches the URL of the first argument and prints what became of it, as JSON. */
import { ImageDslError } from "../../../core/error.ts";
import { httpGet } from "../../../core/http/get.ts";

let result: { bytes?: number; error?: string };
try {
  const response = await httpGet(process.argv[2] ?? "", {
    signal: new AbortController().signal,
    maxBytes: 1e9,
    retry: { attempts: 1, delay: 1 },
  });
  let bytes = 0;
  for await (const piece of response.body) bytes += piece.length;
  result = { bytes };
} catch (error) {
  result = { error: error instanceof ImageDslError ? `${error.code} ${error.message} ${error.hint}` : String(error) };
}
console.log(JSON.stringify(result));
process.exit(0);
