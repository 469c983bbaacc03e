"""A battery of statistical tests of random bits, after NIST SP 800-22 (revision 1a, 2010).

``counts`` and ``linear`` hold the tests, ``judge`` applies them to many sequences and says which
ones a generator fails. Left out are the template and excursion tests. No battery proves that bits
are random: it can only find that they are not.
"""
