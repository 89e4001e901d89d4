export function readToken(): never {
  throw new Error("No token was set");
}
