// Python source in pieces for colouring. One pass, each character looked at a bounded number of times, and the
// pieces joined are the source again, whatever it holds.
judge.python = (() => {
  const keywords = new Set(("False None True and as assert async await break case class continue def del elif else except " +
    "finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield").split(" "));
  const builtins = new Set(("abs all any bool bytes dict enumerate float getattr hasattr int isinstance len list map max min " +
    "object open print property range repr reversed round set setattr sorted staticmethod str sum super tuple type zip self").split(" "));
  const prefixes = /^(?:[rbuft]|rb|br|fr|rf|tr|rt)$/i;
  const word = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}_]*/uy;
  const numeral = /(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)[jJ]?/y;
  const other = /[^\p{L}\p{Nl}_\d"'#.@]+|[.@]/uy;

  const match = (pattern, source, at) => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    return found ? found[0] : null;
  };

  // Where the string that opens at `at` ends (after its closing quotes, or where an unclosed one has to end).
  const stringEnd = (source, at) => {
    const quote = source[at];
    const triple = source.startsWith(quote.repeat(3), at);
    for (let i = at + (triple ? 3 : 1); i < source.length; i++) {
      const char = source[i];
      if (char === "\\") i++;
      else if (char === "\n" && !triple) return i;
      else if (char === quote && (!triple || source.startsWith(quote.repeat(3), i))) return i + (triple ? 3 : 1);
    }
    return source.length;
  };

  // [[text, class or ""], ...]
  const pieces = (source) => {
    const found = [];
    let at = 0;
    let naming = false; // the next word is the name that def or class gives
    let attribute = false; // the next word follows a dot
    const push = (end, kind) => { found.push([source.slice(at, end), kind]); at = end; };
    while (at < source.length) {
      const char = source[at];
      let text;
      if (char === "#") {
        const end = source.indexOf("\n", at);
        push(end < 0 ? source.length : end, "t-c");
      } else if (char === '"' || char === "'") {
        push(stringEnd(source, at), "t-s");
        attribute = false;
      } else if ((text = match(word, source, at))) {
        const next = source[at + text.length];
        if ((next === '"' || next === "'") && prefixes.test(text)) push(stringEnd(source, at + text.length), "t-s");
        else if (naming) push(at + text.length, "t-d");
        else if (attribute) push(at + text.length, "");
        else if (keywords.has(text)) push(at + text.length, "t-k");
        else push(at + text.length, builtins.has(text) ? "t-b" : "");
        naming = text === "def" || text === "class";
        attribute = false;
      } else if (/[\d.]/.test(char) && (text = match(numeral, source, at)) && text !== ".") {
        push(at + text.length, "t-n");
      } else {
        text = match(other, source, at) || char;
        attribute = text === ".";
        push(at + text.length, "");
      }
    }
    return found;
  };

  // The pieces line by line; a piece that spans lines is split.
  const lines = (list) => {
    const rows = [[]];
    for (const [text, kind] of pieces(list.join("\n"))) {
      text.split("\n").forEach((part, place) => {
        if (place) rows.push([]);
        if (part) rows[rows.length - 1].push([part, kind]);
      });
    }
    return rows;
  };
  return { pieces, lines };
})();
