/** Asked anew each time: what is told is whether the server answers now. */
export const dynamic = "force-dynamic";

export function GET(): Response {
  return new Response("ok\n");
}
