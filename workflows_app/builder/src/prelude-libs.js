// The libraries an expression or Code node can use. The sandbox prelude takes them from this one global and deletes it.
import * as acorn from "acorn";
import jmespath from "jmespath";
import lodash from "lodash";
import * as luxon from "luxon";

globalThis.__libs = { acorn: { parse: acorn.parse }, jmespath, lodash, luxon };
