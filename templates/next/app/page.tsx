export default function Page() {
  return <h1>Hello from __NAME__</h1>;
}
