// The wizard: a form that forgets nothing and says what it will do.
import "./draft-form.js";
import "./setup-form.js";
