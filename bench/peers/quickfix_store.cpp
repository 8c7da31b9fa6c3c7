// The peer: QuickFIX C++ as an acceptor with its FileStore, which sends again what it is asked for.
// g++ -O2 -std=c++14 -w quickfix_store.cpp -lquickfix -lpthread
#include <quickfix/config-all.h>

#include <quickfix/Application.h>
#include <quickfix/FileStore.h>
#include <quickfix/SessionSettings.h>
#include <quickfix/ThreadedSocketAcceptor.h>

#include <unistd.h>
#include <iostream>

int main(int, char** arguments)
{
  struct Nothing : FIX::NullApplication
  {
  } application;
  FIX::SessionSettings settings(arguments[1]);
  FIX::FileStoreFactory store(settings);
  FIX::ThreadedSocketAcceptor acceptor(application, store, settings);
  acceptor.start();
  std::cerr << "ready" << std::endl;
  for (;;)
    pause();
}
