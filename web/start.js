// Starts the page. `cargo xtask page` puts this behind wasm-bindgen's own script and behind
// `smtplintProgram`, which holds the compiled page: compressed by gzip, then written as base64.
// It comes inside a script because the page is forbidden every connection, to its own server too.
(async () => {
  const packed = Uint8Array.from(atob(smtplintProgram), (character) => character.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  await wasm_bindgen({ module_or_path: await new Response(unpacked).arrayBuffer() });
})().catch((error) => {
  document.getElementById("app").textContent =
    "smtplint could not start in this browser (" + error + "). It needs a browser from 2023 or later.";
  throw error;
});
