// Fetches parts of the program when it asks for them. `cargo xtask page` puts this in front of wasm-bindgen's own script, and in
// front of this `smtplintParts`, which names the pieces of each part, and `smtplintPieces`, which has each piece: in the single
// file the piece itself, otherwise the name and the digest of a script that hands it over. A script, because the page is forbidden
// every connection, to its own server too.

// What is packed was compressed by gzip, then written as base64.
const smtplintUnpacked = (text) => {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")));
};

// Pieces that scripts have handed over.
const smtplintArrived = {};

const smtplintScript = ([src, integrity]) =>
  new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.onload = resolve;
    script.onerror = () => reject(new Error(src + " did not come"));
    document.head.append(Object.assign(script, { src, integrity }));
  });

// Pieces that are there or on their way.
const smtplintFetched = {};

const smtplintFetch = (name) =>
  (smtplintFetched[name] ??= (async () => {
    const piece = smtplintPieces[name];
    if (typeof piece !== "string") await smtplintScript(piece);
    const program = await smtplintUnpacked(smtplintArrived[name] ?? piece).arrayBuffer();
    delete smtplintArrived[name];
    // The piece uses the memory, the table of functions and the stack of the program that runs.
    await WebAssembly.instantiate(program, { __wasm_split: wasm_bindgen.initSync() });
  })().catch((error) => {
    // Another attempt may succeed.
    delete smtplintFetched[name];
    throw error;
  }));

// wasm-bindgen asks here for what the program imports beside its own script: one function a part, which tells by a function of
// the table whether the part is there.
const require = () =>
  Object.fromEntries(
    Object.entries(smtplintParts).map(([part, pieces]) => [
      "__wasm_split_load_" + part,
      async (told, asked) => {
        let success = true;
        await Promise.all(pieces.map(smtplintFetch)).catch((error) => {
          success = false;
          console.warn(error);
        });
        wasm_bindgen.initSync().__indirect_function_table.get(told)(asked, success);
      },
    ]),
  );
