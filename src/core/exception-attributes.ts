/**
 * PEP 249's optional "exceptions as connection attributes", for the connection of either face.
 * Tests: test/pep249.
 * @see https://peps.python.org/pep-0249/#optional-db-api-extensions
 */
import { EXCEPTIONS } from "../errors/tree.ts";

/** A class whose instances all know the exception tree, so that code which holds only a connection can tell errors apart. */
export abstract class ExceptionAttributes {
  declare readonly Warning: typeof EXCEPTIONS.Warning;
  declare readonly Error: typeof EXCEPTIONS.Error;
  declare readonly InterfaceError: typeof EXCEPTIONS.InterfaceError;
  declare readonly DatabaseError: typeof EXCEPTIONS.DatabaseError;
  declare readonly DataError: typeof EXCEPTIONS.DataError;
  declare readonly OperationalError: typeof EXCEPTIONS.OperationalError;
  declare readonly IntegrityError: typeof EXCEPTIONS.IntegrityError;
  declare readonly InternalError: typeof EXCEPTIONS.InternalError;
  declare readonly ProgrammingError: typeof EXCEPTIONS.ProgrammingError;
  declare readonly NotSupportedError: typeof EXCEPTIONS.NotSupportedError;

  static {
    Object.assign(ExceptionAttributes.prototype, EXCEPTIONS);
  }
}
