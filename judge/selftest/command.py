def selftest(options):
    raise NotImplementedError
