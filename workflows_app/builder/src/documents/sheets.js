// Spreadsheets of every kind.
import { read, utils, write } from "@e965/xlsx";

globalThis.documents.sheets = () => ({ read, utils, write });
